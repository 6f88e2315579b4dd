/** What the tests have a page or a worker do: functions from and to plain values. */
import { computeValues } from "./values.js";
import { free } from "./free.js";
import { deep } from "./deep.js";
import { threads } from "./threads.js";
import { train } from "./train.js";

export const tasks = { computeValues, deep, free, threads, train };

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type Input<K extends TaskName> = Parameters<Tasks[K]>[0];
export type Output<K extends TaskName> = Awaited<ReturnType<Tasks[K]>>;

/** A request to a worker, and its answer. */
export interface Request {
  readonly name: TaskName;
  readonly input: unknown;
}
export type Answer = { readonly value: unknown } | { readonly error: string };

export const perform = (name: TaskName, input: unknown): Promise<unknown> =>
  (tasks[name] as (input: unknown) => Promise<unknown>)(input); // the caller pairs them: see page.ts
