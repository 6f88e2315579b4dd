/** The worker, in browsers and in Node, and messages to and from it. */
import { FluxionError } from "../../../../ir/errors.js";
import { isNode, type WorkerThreads, workerThreadsLater } from "../threads/host.js";
import type { Answer, Command, Immediate } from "./messages.js";
import { nodeSource, webSource } from "./source.js";

export interface Port {
  post(command: Command | Immediate, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the process stays alive for what the worker will answer. */
  keepAlive(keep: boolean): void;
  end(): void;
}

/** Who is told what the worker answers, and why it has ended should it end by itself. */
export interface Listener {
  answered(answer: Answer): void;
  ended(why: string): void;
}

export type Open = (listener: Listener) => Port;

const inNode =
  ({ Worker }: WorkerThreads): Open =>
  (listener) => {
    let why = "it has ended";
    const worker = new Worker(nodeSource, {
      eval: true,
      execArgv: [],
      name: "fluxion programs",
      trackUnmanagedFds: false,
    });
    worker.on("message", (answer) => {
      listener.answered(answer as Answer);
    });
    worker.on("error", (error) => (why = error instanceof Error ? error.message : String(error))); // "exit" follows
    worker.on("exit", () => {
      listener.ended(why);
    });
    return {
      post: (command, transfer = []) => {
        worker.postMessage(command, transfer);
      },
      keepAlive: (keep) => {
        if (keep) worker.ref();
        else worker.unref();
      },
      end: () => void worker.terminate(),
    };
  };

const inBrowser: Open = (listener) => {
  const url = URL.createObjectURL(new Blob([webSource], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "fluxion programs" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    URL.revokeObjectURL(url); // it is up
    listener.answered(data);
  };
  worker.onerror = (event) => {
    event.preventDefault(); // reported by the next read
    worker.terminate();
    // Browsers do not say why a worker did not start; what stops one made of text is the page's policy.
    listener.ended(event.message || "does the page's content security policy allow worker-src blob: ?");
  };
  return {
    post: (command, transfer = []) => {
      worker.postMessage(command, [...transfer]);
    },
    keepAlive: () => undefined,
    end: () => {
      worker.terminate();
    },
  };
};

/** How the worker is started here. Rejects where there are no workers. */
export const opener = async (): Promise<Open> => {
  if (isNode()) return inNode(await workerThreadsLater());
  if (typeof Worker === "function" && typeof Blob === "function") return inBrowser;
  throw new FluxionError(
    "initBackend",
    'expected an environment with workers, got none: initBackend("wasm") needs none',
  );
};
