/** The page's worker. */
import { perform, type Answer, type Request } from "../tasks/index.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage: (answer: Answer) => void;
}; // a dedicated worker, for whose types the DOM's would have to go

scope.onmessage = ({ data: { name, input } }) => {
  perform(name, input).then(
    (value) => scope.postMessage({ value }),
    (error: unknown) =>
      scope.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
};
