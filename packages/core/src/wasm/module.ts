import { TYPE_BYTES, join, natural, type Code, type ValueType } from './code.js';
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
      ...natural(this.types.length),
      ...declared,
      ...join('nothing', ...body).bytes,
      ...(result?.bytes ?? []),
      0x0b,
    ];
    return [...natural(bytes.length), ...bytes];
  }
}

function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return { get: join(type, 0x20, ...natural(index)), set: (value) => join('nothing', value, 0x21, ...natural(index)) };
}

/** Runs the body while `i` is below `end`, with `step` added to it each time. */
export function countUp(i: Local<'i32'>, end: Code<'i32'>, step: number, body: readonly Statement[]): Statement {
  return join(
    'nothing',
    0x02,
    0x40,
    0x03,
    0x40,
    i32.atLeast(i.get, end),
    0x0d,
    1,
    ...body,
    i.set(i32.add(i.get, i32.const(step))),
    0x0c,
    0,
    0x0b,
    0x0b,
  );
}

/** Runs the body as long as the condition, looked at before each turn, is not 0. */
export function repeatWhile(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return join('nothing', 0x03, 0x40, condition, 0x04, 0x40, ...body, 0x0c, 1, 0x0b, 0x0b);
}

/** Runs the body if the condition is not 0. */
export function when(condition: Code<'i32'>, body: readonly Statement[]): Statement {
  return join('nothing', condition, 0x04, 0x40, ...body, 0x0b);
}

/** Runs one body if the condition is not 0, the other if it is. */
export function either(condition: Code<'i32'>, then: readonly Statement[], otherwise: readonly Statement[]): Statement {
  return join('nothing', condition, 0x04, 0x40, ...then, 0x05, ...otherwise, 0x0b);
}

/** Runs the body again and again, until {@link leave}. */
export function repeat(body: readonly Statement[]): Statement {
  return join('nothing', 0x02, 0x40, 0x03, 0x40, ...body, 0x0c, 0, 0x0b, 0x0b);
}

/** Ends the nearest {@link repeat}; `within` counts the {@link when} and {@link either} between. */
export function leave(within: number): Statement {
  return join('nothing', 0x0c, ...natural(within + 1));
}

/** Starts the next turn of the nearest {@link repeat}; `within` as in {@link leave}. */
export function again(within: number): Statement {
  return join('nothing', 0x0c, ...natural(within));
}

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
    return (...values) => join(result?.leaves ?? 'nothing', ...values, 0x10, ...natural(index));
  }

  /** The module's binary form: sections of types, the memory, functions, exports and code. */
  encode(): Uint8Array<ArrayBuffer> {
    const all = this.functions;
    const count = natural(all.length);
    const text = (s: string) => [...natural(s.length), ...new TextEncoder().encode(s)];
    const section = (id: number, bytes: readonly number[]) => [id, ...natural(bytes.length), ...bytes];
    const types = all.flatMap(({ parameters, result }) => [
      0x60,
      ...natural(parameters),
      ...new Array<number>(parameters).fill(TYPE_BYTES.i32),
      ...(result ? [1, TYPE_BYTES[result]] : [0]),
    ]);
    return Uint8Array.from([
      0x00,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      ...section(1, [...count, ...types]),
      ...section(2, [1, ...text('kernel'), ...text('memory'), 0x02, 0x00, 1]),
      ...section(3, [...count, ...all.flatMap((_, index) => natural(index))]),
      ...section(7, [...count, ...all.flatMap(({ name }, index) => [...text(name), 0x00, ...natural(index)])]),
      ...section(10, [...count, ...all.flatMap(({ bytes }) => bytes)]),
    ]);
  }
}
