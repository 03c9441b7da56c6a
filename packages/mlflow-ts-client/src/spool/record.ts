import type { DatasetToLog } from '../to-log.js';
import type { RunStatus } from '../entities/run.js';
import { crc32 } from './crc32.js';

/** What a run was started with; the first line of every segment, so that each segment explains itself. */
export interface HeaderRecord {
  /** Tells it apart from items. */
  readonly t: 'header';
  /** Form of the journal. */
  readonly version: 1;
  /** Identity of the run, set as the tag `mlflow-ts-client.key`: the sender finds its own run by it. */
  readonly key: string;
  /** Experiment that the run belongs to; made where it is missing. */
  readonly experimentName: string;
  /** Name that is shown. */
  readonly runName?: string;
  /** An existing run to go on with. */
  readonly runId?: string;
  /** User of the machine that started it. */
  readonly userId: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
}

/** Bytes of a file: in the journal itself, or in a local file of that size in bytes. */
export type Content = { readonly base64: string } | { readonly file: string; readonly size: number };

/** A file that is worth nothing without the one it is journalled with: the small copy of an image. */
export interface ArtifactPart {
  /** Path among the artifacts. */
  readonly path: string;
  /** Its bytes. */
  readonly content: Content;
}

/** One thing to deliver. Short names keep the journal small: metrics are most of it. */
export type Item =
  | {
      readonly t: 'metric';
      readonly k: string;
      readonly v: number | string;
      readonly ts: number;
      readonly s: number;
      readonly model?: string;
      readonly dn?: string;
      readonly dd?: string;
    }
  | { readonly t: 'param'; readonly k: string; readonly v: string }
  | { readonly t: 'tag'; readonly k: string; readonly v: string }
  | { readonly t: 'untag'; readonly k: string }
  | {
      readonly t: 'artifact';
      readonly path: string;
      readonly content: Content;
      readonly model?: string;
      readonly step?: readonly [string, number];
      readonly pair?: ArtifactPart;
    }
  | { readonly t: 'inputs'; readonly datasets: readonly DatasetToLog[]; readonly modelIds: readonly string[] }
  | {
      readonly t: 'model';
      readonly id: string;
      readonly name: string;
      readonly modelType?: string;
      readonly params: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly t: 'model-ready'; readonly id: string; readonly name: string; readonly step: number }
  | { readonly t: 'open'; readonly at: number; readonly resumed: boolean }
  /** Nothing for the server: all that was to be logged before it stands in the journal. */
  | { readonly t: 'mark'; readonly name: string }
  | { readonly t: 'name'; readonly v: string }
  | { readonly t: 'end'; readonly status: RunStatus; readonly at: number };

/** A line of the journal. */
export type JournalRecord = HeaderRecord | Item;

/** A line of the journal: CRC-32 of the JSON in 8 hex digits, a space, the JSON, a line feed. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = JSON.stringify(record);
  const line = Buffer.allocUnsafe(10 + Buffer.byteLength(json));
  const end = 9 + line.write(json, 9, 'utf8');
  line.write(crc32(line, 9, end).toString(16).padStart(8, '0'), 0, 'latin1');
  line[8] = 0x20;
  line[end] = 0x0a;
  return line;
}

/** @param line without its line feed. @returns undefined for a line that is torn or altered. */
export function decodeRecord(line: Uint8Array): JournalRecord | undefined {
  if (line.length < 11 || line[8] !== 0x20) return undefined;
  const text = Buffer.from(line.buffer, line.byteOffset, line.length);
  if (text.toString('latin1', 0, 8) !== crc32(line, 9).toString(16).padStart(8, '0')) return undefined;
  return JSON.parse(text.toString('utf8', 9)) as JournalRecord;
}

/** Under which name, and how far, an item counts when a resumed run must not log it again. */
export function stepOf(item: Item): readonly [string, number] | undefined {
  if (item.t === 'metric') return [`m:${item.k}`, item.s];
  if (item.t === 'mark') return [markName(item.name), 0];
  if (item.t === 'model-ready') return [modelMark(item.name, item.step), item.step];
  return item.t === 'artifact' ? item.step : undefined;
}

/** Under which name a mark counts as set. */
export function markName(name: string): string {
  return `mark:${name}`;
}

/** A model of a step counts as logged by itself: a later one does not stand for it. */
export function modelMark(name: string, step: number): string {
  return `M:${name}@${step}`;
}

/** Files of the spool that an item needs until it is delivered. */
export function filesOf(item: Item): string[] {
  if (item.t !== 'artifact') return [];
  return [item.content, item.pair?.content].flatMap((content) =>
    content !== undefined && 'file' in content ? [content.file] : [],
  );
}
