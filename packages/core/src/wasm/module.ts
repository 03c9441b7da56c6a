import { TYPE_BYTES, join, uleb128, type Code, type ValueType } from './code.js';
import { i32 } from './operators.js';

/** A variable of a function. */
export interface Local<T extends ValueType> {
  readonly get: Code<T>;
  set(value: Code<T>): Code<'nothing'>;
}

type Statement = Code<'nothing'>;

/** One function while it is written: makes its variables. */
export class FunctionWriter {
  private readonly types: ValueType[] = [];
  readonly parameters: readonly Local<'i32'>[];

  constructor(
    readonly name: string,
    private readonly parameterCount: number,
  ) {
    this.parameters = Array.from({ length: parameterCount }, (_, index) => localAt('i32', index));
  }

  local<T extends ValueType>(type: T): Local<T> {
    this.types.push(type);
    return localAt(type, this.parameterCount + this.types.length - 1);
  }

  /** The binary form: declared variables, then the code. */
  encode(body: readonly Statement[], result?: Code<ValueType>): number[] {
    const declared = this.types.flatMap((type) => [1, TYPE_BYTES[type]]);
    const bytes = [
      ...uleb128(this.types.length),
      ...declared,
      ...join('nothing', ...body).bytes,
      ...(result?.bytes ?? []),
      CONTROL.end,
    ];
    return [...uleb128(bytes.length), ...bytes];
  }
}

function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return { get: join(type, 0x20, ...uleb128(index)), set: (value) => join('nothing', value, 0x21, ...uleb128(index)) };
}

/** Control instructions (section 5.4.1). */
const CONTROL = { block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, br_if: 0x0d } as const;
/** A block, loop or if that takes and leaves nothing. */
const EMPTY = 0x40;

/**
 * Jumps to a label; labels are counted outwards from 0, and {@link when} and {@link either} count for one. A {@link
 * loop} that is met on the way has two: the first is its next turn, the second its end.
 */
export function br(label: number): Statement {
  return join('nothing', CONTROL.br, ...uleb128(label));
}

/** {@link br}, if the condition is not 0. */
export function br_if(condition: Code<'i32'>, label: number): Statement {
  return join('nothing', condition, CONTROL.br_if, ...uleb128(label));
}

/** Runs the body turn after turn, until a {@link br} to its end. */
export function loop(body: readonly Statement[]): Statement {
  const turns = join('nothing', CONTROL.loop, EMPTY, ...body, br(0), CONTROL.end);
  return join('nothing', CONTROL.block, EMPTY, turns, CONTROL.end);
}

/** Runs the body while `i` is below `end`, with `step` added to it each time. */
export function countUp(i: Local<'i32'>, end: Code<'i32'>, step: number, body: readonly Statement[]): Statement {
  return loop([br_if(i32.ge_s(i.get, end), 1), ...body, i.set(i32.add(i.get, i32.const(step)))]);
}

/** Runs the body as long as the condition, looked at before each turn, is not 0. */
export function repeatWhile(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return join('nothing', CONTROL.loop, EMPTY, when(condition, [...body, br(1)]), CONTROL.end);
}

/** Runs the body if the condition is not 0. */
export function when(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return join('nothing', condition, CONTROL.if, EMPTY, ...body, CONTROL.end);
}

/** Runs one body if the condition is not 0, the other if it is. */
export function either(condition: Code<'i32'>, then: readonly Statement[], otherwise: readonly Statement[]): Statement {
  return join('nothing', condition, CONTROL.if, EMPTY, ...then, CONTROL.else, ...otherwise, CONTROL.end);
}

/** How a module begins (section 5.5.16). */
const MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;
const VERSION = [1, 0, 0, 0] as const;

interface Written {
  readonly name: string;
  readonly parameters: number;
  readonly result: ValueType | null;
  readonly bytes: readonly number[];
}

/** Collects functions over one imported memory, and makes a WebAssembly module of them. */
export class ModuleWriter {
  private readonly functions: Written[] = [];

  /**
   * Adds a function of whole numbers (addresses and counts); `write` returns its statements and what it gives back.
   * @returns a call of it by functions that are added later.
   */
  add<T extends ValueType>(
    name: string,
    parameters: number,
    write: (
      writer: FunctionWriter,
      ...parameters: readonly Local<'i32'>[]
    ) => { body: readonly Statement[]; result: Code<T> },
  ): (...values: readonly Code<'i32'>[]) => Code<T>;
  add(
    name: string,
    parameters: number,
    write: (writer: FunctionWriter, ...parameters: readonly Local<'i32'>[]) => { body: readonly Statement[] },
  ): (...values: readonly Code<'i32'>[]) => Statement;
  add(
    name: string,
    parameters: number,
    write: (
      writer: FunctionWriter,
      ...parameters: readonly Local<'i32'>[]
    ) => { body: readonly Statement[]; result?: Code<ValueType> },
  ): (...values: readonly Code<'i32'>[]) => Code<ValueType | 'nothing'> {
    const writer = new FunctionWriter(name, parameters);
    const index = this.functions.length;
    const { body, result } = write(writer, ...writer.parameters);
    this.functions.push({ name, parameters, result: result?.leaves ?? null, bytes: writer.encode(body, result) });
    return (...values) => join(result?.leaves ?? 'nothing', ...values, 0x10, ...uleb128(index));
  }

  /** The module's binary form: sections of types, the memory, functions, exports and code. */
  encode(): Uint8Array<ArrayBuffer> {
    const all = this.functions;
    const count = uleb128(all.length);
    const text = (s: string) => [...uleb128(s.length), ...new TextEncoder().encode(s)];
    const section = (id: number, bytes: readonly number[]) => [id, ...uleb128(bytes.length), ...bytes];
    const types = all.flatMap(({ parameters, result }) => [
      0x60,
      ...uleb128(parameters),
      ...new Array<number>(parameters).fill(TYPE_BYTES.i32),
      ...(result ? [1, TYPE_BYTES[result]] : [0]),
    ]);
    return Uint8Array.from([
      ...MAGIC,
      ...VERSION,
      ...section(1, [...count, ...types]),
      ...section(2, [1, ...text('kernel'), ...text('memory'), 0x02, 0x00, 1]),
      ...section(3, [...count, ...all.flatMap((_, index) => uleb128(index))]),
      ...section(7, [...count, ...all.flatMap(({ name }, index) => [...text(name), 0x00, ...uleb128(index)])]),
      ...section(10, [...count, ...all.flatMap(({ bytes }) => bytes)]),
    ]);
  }
}
