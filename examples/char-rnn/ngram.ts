/**
 * The baseline: an interpolated n-gram model with Kneser–Ney smoothing (R. Kneser and H. Ney, "Improved backing-off for
 * m-gram language modeling", 1995; S. Chen and J. Goodman, "An empirical study of smoothing techniques for language
 * modeling", 1999).
 *
 *     p(s | c) = max(n(c s) - D, 0) / n(c) + D · u(c) / n(c) · p(s | c without its first character)
 *
 * n counts occurrences for the longest contexts, and different predecessors for shorter ones; u(c) is how many
 * different characters follow c. Each length of context has its own discount D = n₁ / (n₁ + 2 n₂), where n₁ and n₂ are
 * how many n-grams were counted once and twice.
 */

interface Context {
  total: number;
  readonly counts: Map<number, number>;
}

/** Contexts of one length. */
interface Level {
  readonly contexts: ReadonlyMap<number, Context>;
  readonly discount: number;
}

export interface NGram {
  readonly order: number;
  readonly alphabetSize: number;
  /** For contexts of 0, 1, … characters. */
  readonly levels: readonly Level[];
}

const count = (contexts: Map<number, Context>, context: number, symbol: number): boolean => {
  let c = contexts.get(context);
  if (c === undefined) contexts.set(context, (c = { total: 0, counts: new Map() }));
  const before = c.counts.get(symbol) ?? 0;
  c.counts.set(symbol, before + 1);
  c.total++;
  return before === 0;
};

const discountOf = (contexts: ReadonlyMap<number, Context>): number => {
  let [once, twice] = [0, 0];
  for (const { counts } of contexts.values())
    for (const n of counts.values()) {
      if (n === 1) once++;
      if (n === 2) twice++;
    }
  return once === 0 || twice === 0 ? 0.5 : once / (once + 2 * twice);
};

/** Trains on a text as numbers below `alphabetSize`. Contexts are numbers, too: their characters are digits. */
export const trainNGram = (codes: ArrayLike<number>, order: number, alphabetSize: number): NGram => {
  if (alphabetSize ** order > Number.MAX_SAFE_INTEGER)
    throw new Error(
      `expected contexts that fit a number, got order ${order} over ${alphabetSize} characters`,
    );
  const levels = Array.from({ length: order }, () => new Map<number, Context>());
  const span = alphabetSize ** (order - 1);
  let context = 0;
  for (let i = 0; i < codes.length; i++) {
    const symbol = codes[i]!;
    if (i >= order - 1) {
      // A shorter context counts the n-gram that is one longer, when that is new.
      let isNew = true;
      for (let k = order - 1; k >= 0 && isNew; k--)
        isNew = count(levels[k]!, context % alphabetSize ** k, symbol);
    }
    context = (context * alphabetSize + symbol) % span;
  }
  return {
    order,
    alphabetSize,
    levels: levels.map((contexts) => ({ contexts, discount: discountOf(contexts) })),
  };
};

/** The probability of a character after a context, of which the last `order - 1` characters count. */
export const probability = (model: NGram, context: ArrayLike<number>, symbol: number): number => {
  let p = 1 / model.alphabetSize;
  let [key, place] = [0, 1];
  for (let k = 0; k < model.order && k <= context.length; k++) {
    if (k > 0) {
      key += context[context.length - k]! * place;
      place *= model.alphabetSize;
    }
    const { contexts, discount } = model.levels[k]!;
    const seen = contexts.get(key);
    if (seen === undefined) break;
    const own = Math.max((seen.counts.get(symbol) ?? 0) - discount, 0);
    p = (own + discount * seen.counts.size * p) / seen.total;
  }
  return p;
};

/** Mean of -log₂ p over the characters of a text from the second one on. */
export const bitsPerCharacter = (model: NGram, codes: Int32Array): number => {
  let bits = 0;
  for (let i = 1; i < codes.length; i++)
    bits -= Math.log2(probability(model, codes.subarray(Math.max(0, i - model.order + 1), i), codes[i]!));
  return bits / (codes.length - 1);
};
