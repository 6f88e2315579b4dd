/** The language model: characters in, logits of the next character out, and text drawn from it in one scan. */
import { div, jit, random, reshape, scan, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";

export interface ModelSize {
  readonly embedding: number;
  readonly features: number;
}

/** int32 `[streams, time]` to logits `[streams, time, characters]`; its state is the network's memory of each stream. */
export const characterModel = (characters: number, { embedding, features }: ModelSize) =>
  nn.sequential(
    nn.embedding(characters, embedding),
    nn.gru(features, { returnSequences: true, stateful: true, layerNorm: true }),
    nn.dense(characters),
  );

export type CharacterModel = ReturnType<typeof characterModel>;
export type Params = nn.ParamsOf<CharacterModel>;
export type State = nn.LayerStateOf<CharacterModel>;

/** The state before the first character of so many streams. */
export const freshState = (model: CharacterModel, streams: number): State =>
  model.init(random.key(0), { shape: [streams, 1], dtype: "int32" }).state;

/** Draws characters: the prompt, int32 `[n]`, is read, and so many characters are drawn after it, int32 `[length]`. */
export type Sampler = (params: Params, prompt: Tensor, key: Tensor, temperature: Tensor) => Tensor;

interface Writing {
  readonly state: State;
  /** Logits `[characters]` of the next character. */
  readonly logits: Tensor;
}

/** Reading and writing are one compiled function, and every character drawn is a step of one scan. */
export const sampler = (model: CharacterModel, length: number): Sampler => {
  const start = freshState(model, 1);
  return jit((params: Params, prompt: Tensor, key: Tensor, temperature: Tensor) => {
    const next = (state: State, read: Tensor): Writing => {
      const [logits, after] = model.apply(params, state, reshape(read, [1, -1]));
      return { state: after, logits: reshape(logits, [read.size, -1]).at(-1) };
    };
    const write = ({ state, logits }: Writing, drawing: Tensor): [Writing, Tensor] => {
      const symbol = random.categorical(drawing, div(logits, temperature));
      return [next(state, reshape(symbol, [1])), symbol];
    };
    return scan<Writing, Tensor, Tensor>(write, next(start, prompt), random.split(key, [length]))[1];
  });
};
