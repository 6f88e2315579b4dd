/** The text of a function under construction. */
export class Writer {
  private readonly lines: string[] = [];
  private depth = 1;
  private names = 0;

  get text(): string {
    return this.lines.join("\n");
  }

  line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  /** Keeps room for what is known later; gives what fills it. */
  room(): (text: string) => void {
    const at = this.lines.push("") - 1;
    const indent = "  ".repeat(this.depth);
    return (text) => {
      this.lines[at] = indent + text;
    };
  }

  /** Opens a block, fills it, and closes it. */
  block(head: string, fill: () => void): void {
    this.line(head);
    this.depth++;
    fill();
    this.depth--;
    this.line("}");
  }

  /** A name that the text has not used yet. */
  fresh(prefix: string): string {
    return `${prefix}_${this.names++}`;
  }

  /** Declares a value and gives its name. */
  readonly declare = (text: string): string => {
    const name = this.fresh("t");
    this.line(`let ${name} = ${text};`);
    return name;
  };
}
