/**
 * The helpers of the worker that runs programs, from the side of the thread that gives it programs: that one decides
 * where things are in memory and is free to start workers, and to notice that one has ended, at any time. Teams are told
 * of in order with programs, so the places of one are free when the worker has said that it uses it no more, and its
 * helpers have ended.
 */
import { controlWords, word } from "../threads/control.js";
import { mostFailures, shortLifeMs } from "../threads/crew.js";
import { spawner } from "../threads/host.js";
import { threadsWanted } from "../threads/settings.js";
import { Workers } from "../threads/workers.js";
import type { Part } from "../assembly.js";
import type { WorkerDriver } from "./driver.js";
import type { HelpersAnswer } from "./messages.js";

/** Memory for helpers. */
export interface Places {
  allocateOwn(bytes: number): number;
  releaseOwn(at: number, bytes: number): void;
}

interface Team {
  readonly id: number;
  /** How many there are to be. */
  readonly count: number;
  readonly control: Part;
  readonly workers: Workers;
  /** Whether the worker knows of it. */
  joined: boolean;
  since: number | null;
  scratch: Part | null;
  /** What each helper has of that. */
  stride: number;
}

export class Crew {
  private team: Team | null = null;
  /** The present one, and others whose helpers have not ended. */
  private readonly teams = new Map<number, Team>();
  private made = 0;
  private isWorthwhile = false;
  private failures = 0;

  constructor(
    private readonly driver: WorkerDriver,
    private readonly places: Places,
    /** Null where memory cannot be shared: nobody can help. */
    private readonly memory: WebAssembly.Memory | null,
  ) {}

  /** How many threads programs use: one once teams have failed too often, until a number is set. */
  get threads(): number {
    const isAlone = this.memory === null || spawner() === null || this.failures >= mostFailures;
    return isAlone ? 1 : threadsWanted();
  }

  /** Sees to it that there are as many helpers as are wanted, each with so many bytes for scratch arrays. */
  tend(stride: number): void {
    if (this.memory === null || this.driver.isLost) return;
    const wanted = threadsWanted() - 1;
    if (this.team !== null && (this.team.workers.isBroken || this.team.count !== wanted)) this.dismiss();
    if (this.failures >= mostFailures || wanted === 0) return;
    try {
      this.team ??= this.announce(wanted);
      this.reserve(this.team, stride);
    } catch {
      // No memory is left for helpers; the worker does without.
    }
  }

  /** A number of threads was set: the helpers go if they are not as many. Programs that run later get others. */
  resize(): void {
    this.failures = 0;
    if (this.team !== null && this.team.count !== threadsWanted() - 1) this.dismiss();
  }

  private announce(count: number): Team {
    const bytes = 4 * controlWords;
    const control = { at: this.places.allocateOwn(bytes), bytes };
    const workers = new Workers(() => {
      this.lose(team);
    });
    const team: Team = {
      id: this.made++,
      count,
      control,
      workers,
      joined: false,
      since: null,
      scratch: null,
      stride: 0,
    };
    this.teams.set(team.id, team);
    this.driver.tell({ op: "join", team: team.id, control: control.at });
    return team;
  }

  /** Room for scratch arrays. What the worker does before it is told of more uses the smaller one, and is done before. */
  private reserve(team: Team, stride: number): void {
    if (stride <= team.stride) return;
    const bytes = stride * team.count;
    const at = this.places.allocateOwn(bytes);
    if (team.scratch !== null) this.places.releaseOwn(team.scratch.at, team.scratch.bytes);
    team.scratch = { at, bytes };
    team.stride = stride;
    this.driver.tell({ op: "room", team: team.id, at, stride });
  }

  /** The worker uses the present team no more, some time; another one may follow at once. */
  private dismiss(): void {
    if (this.team === null) return;
    this.driver.tell({ op: "leave", team: this.team.id });
    this.team = null;
  }

  /** Starts the helpers of a team that the worker knows of, once there is enough to do. */
  private start(): void {
    const { team, memory } = this;
    if (team === null || memory === null || !this.isWorthwhile || !team.joined || team.since !== null) return;
    const spawn = spawner();
    if (spawn === null) return;
    team.since = performance.now();
    try {
      team.workers.start(team.count, spawn, { memory, control: team.control.at });
    } catch {
      this.failures = mostFailures; // workers, or so many of them, are not allowed here
      this.dismiss();
    }
  }

  /** The words of a team; null where this thread has not been told yet how long memory is. */
  private words({ control: { at, bytes } }: Team): Int32Array | null {
    const { buffer } = this.memory!;
    return at + bytes <= buffer.byteLength ? new Int32Array(buffer, at, controlWords) : null;
  }

  /** A helper has ended by itself. If the worker waits for one, it need not wait longer. */
  private lose(team: Team): void {
    const words = this.words(team);
    if (words !== null) {
      Atomics.store(words, word.lost, 1);
      Atomics.notify(words, word.pending);
    } // else the worker finds out when it has waited for long
    if (performance.now() - team.since! < shortLifeMs) this.failures++;
    if (team === this.team) this.dismiss();
  }

  /** Ends the helpers of a team that is not used any more; then its places are free. */
  private end(id: number, afterwards: () => void = () => undefined): void {
    const team = this.teams.get(id);
    if (team === undefined) return afterwards();
    team.workers.end();
    team.workers.whenEnded(() => {
      if (this.teams.delete(id))
        for (const part of [team.control, team.scratch])
          if (part !== null) this.places.releaseOwn(part.at, part.bytes);
      afterwards();
    });
  }

  /** The worker waits: a helper may still write where the program that has stalled is to be computed again. */
  private giveUp(id: number): void {
    if (this.team?.id === id) this.team = null;
    if (this.teams.get(id)?.workers.isBroken !== true) this.failures++; // else it has been counted
    this.end(id, () => {
      this.driver.tell({ op: "again", now: true });
    });
  }

  answered(answer: HelpersAnswer): void {
    switch (answer.tag) {
      case "busy":
        this.isWorthwhile = true;
        break;
      case "joined":
        this.joined(answer.team);
        break;
      case "left":
        this.end(answer.team);
        break;
      case "stalled":
        this.giveUp(answer.team);
        break;
    }
    this.start();
  }

  private joined(id: number): void {
    const team = this.teams.get(id);
    if (team !== undefined) team.joined = true;
  }

  /** The worker is lost, and its memory. */
  close(): void {
    this.team = null;
    for (const { workers } of this.teams.values()) workers.end();
    this.teams.clear();
  }

  /** What the present team has done, for tests. */
  get state(): { readonly ready: number; readonly helped: number; readonly team: Team | null } {
    const { team } = this;
    const words = team?.joined === true ? this.words(team) : null;
    if (words === null) return { ready: 0, helped: 0, team };
    return { ready: Atomics.load(words, word.ready), helped: Atomics.load(words, word.helped), team };
  }
}
