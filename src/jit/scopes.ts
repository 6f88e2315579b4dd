/** The statements of a kernel under construction, scope by scope, and what each scope has computed already. */
import type { Statement, Value } from "./kernel.js";

interface Scope {
  readonly statements: Statement[];
  readonly memo: Map<string, Value>;
  /** Stores at the scope's end. */
  readonly late: Statement[];
}

const newScope = (): Scope => ({ statements: [], memo: new Map(), late: [] });

export class Scopes {
  private readonly open: Scope[] = [newScope()];

  private get top(): Scope {
    return this.open[this.open.length - 1]!;
  }

  /** Of the outermost scope. */
  get statements(): readonly Statement[] {
    return this.open[0]!.statements;
  }

  add(...statements: readonly Statement[]): void {
    this.top.statements.push(...statements);
  }

  /** Adds a statement after all others of the scope. */
  addLate(statement: Statement): void {
    this.top.late.push(statement);
  }

  /** The statements that `body` adds, in a scope of their own. */
  scoped(body: () => void): readonly Statement[] {
    this.open.push(newScope());
    try {
      body();
      this.add(...this.top.late);
      return this.top.statements;
    } finally {
      this.open.pop();
    }
  }

  /** What this scope or one around it has computed under a key. */
  find(key: string): Value | undefined {
    for (let i = this.open.length - 1; i >= 0; i--) {
      const have = this.open[i]!.memo.get(key);
      if (have !== undefined) return have;
    }
    return undefined;
  }

  remember(key: string, value: Value): void {
    this.top.memo.set(key, value);
  }
}
