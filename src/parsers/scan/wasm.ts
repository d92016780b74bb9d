/**
 * As much of a WebAssembly assembler as one scanning kernel needs: functions over i32 and v128, one imported memory. WebAssembly is used for its
 * 16-byte vectors: nothing else in Node looks at each byte of a log at the speed at which it is read.
 * Code holds its parts as they are: to copy each part's bytes into each that holds it took longer than to compile the module.
 */
export type Code = readonly (number | Code)[];

type Bytes = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** Names of the i32 parameters; locals are i32 too unless they begin with `v_`, which are v128. */
  readonly params: readonly string[];
  readonly locals: readonly string[];
  readonly hasResult: boolean;
  readonly body: (scope: Scope) => Code;
}

/** Reads and writes the variables of one function by name. */
export interface Scope {
  readonly get: (name: string) => Code;
  readonly set: (name: string, value: Code) => Code;
  readonly call: (name: string, ...args: readonly Code[]) => Code;
}

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;
const SIMD = 0xfd;

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [a, b, opcode];
const unary =
  (opcode: number) =>
  (a: Code): Code => [a, opcode];
const simdBinary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [a, b, SIMD, ...unsigned(opcode)];
const load =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  load8: load(0x2d),
  store: (address: Code, value: Code, offset = 0): Code => [address, value, 0x36, 0, ...unsigned(offset)],
  not: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  lessU: binary(0x49),
  atLeastU: binary(0x4f),
  lessS: binary(0x48),
  countTrailingZeros: unary(0x68),
  countOnes: unary(0x69),
  add: binary(0x6a),
  sub: binary(0x6b),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shiftLeft: binary(0x74),
  shiftRightU: binary(0x76),
};

/** Only for comparing: eight bytes at a time. */
export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed64(value)],
  load: load(0x29),
  eq: binary(0x51),
};

export const v128 = {
  load: (address: Code, offset = 0): Code => [address, SIMD, 0, 0, ...unsigned(offset)],
  /** All 16 bytes the same. */
  ofByte: (byte: number): Code => [SIMD, 0x0c, ...Array.from({ length: 16 }, () => byte)],
  equalBytes: simdBinary(0x23),
  and: simdBinary(0x4e),
  or: simdBinary(0x50),
  /** One bit a byte. */
  bitmask: (a: Code): Code => [a, SIMD, ...unsigned(0x64)],
};

export function when(condition: Code, then: Code, otherwise: Code = []): Code {
  return [condition, 0x04, EMPTY, then, ...(otherwise.length > 0 ? [0x05, otherwise] : []), 0x0b];
}

/** `condition ? then : otherwise`, of i32. Only the chosen side is run. */
export function choose(condition: Code, then: Code, otherwise: Code): Code {
  return [condition, 0x04, I32, then, 0x05, otherwise, 0x0b];
}

export function both(a: Code, b: Code): Code {
  return choose(a, b, i32.const(0));
}

export function either(a: Code, b: Code): Code {
  return choose(a, i32.const(1), b);
}

export function whileTrue(condition: Code, ...body: readonly Code[]): Code {
  return [0x02, EMPTY, 0x03, EMPTY, i32.not(condition), 0x0d, 1, body, 0x0c, 0, 0x0b, 0x0b];
}

export function giveBack(value: Code): Code {
  return [value, 0x0f];
}

/** The bytes of a module that imports its memory of so many 64 KiB pages (`env.memory`) and exports its last function. */
export function assemble(functions: readonly WasmFunction[], memoryPages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params, hasResult }) => [
    0x60,
    ...vector(params.map(() => [I32])),
    ...vector(hasResult ? [[I32]] : []),
  ]);
  const last = functions.length - 1;
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...name('env'), ...name('memory'), 0x02, 0, ...unsigned(memoryPages)]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector([[...name(functions[last]?.name ?? ''), 0x00, ...unsigned(last)]])),
    ...section(10, vector(functions.map((one) => bodyOf(one, functions)))),
  ]);
}

function bodyOf({ params, locals, body }: WasmFunction, functions: readonly WasmFunction[]): Bytes {
  const variables = [...params, ...locals];
  const indexOf = (variable: string): Bytes => unsigned(variables.indexOf(variable));
  const scope: Scope = {
    get: (variable) => [0x20, ...indexOf(variable)],
    set: (variable, value) => [value, 0x21, ...indexOf(variable)],
    call: (callee, ...args) => [args, 0x10, ...unsigned(functions.findIndex((one) => one.name === callee))],
  };
  const declared = vector(locals.map((local) => [1, local.startsWith('v_') ? V128 : I32]));
  const code = [...declared];
  append(code, body(scope));
  code.push(0x0b);
  return [...unsigned(code.length), ...code];
}

function append(bytes: number[], code: Code): void {
  for (const part of code) {
    if (typeof part === 'number') bytes.push(part);
    else append(bytes, part);
  }
}

function section(id: number, content: Bytes): Bytes {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Bytes[]): Bytes {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): Bytes {
  return vector([...Buffer.from(text)].map((byte) => [byte]));
}

/** LEB128. */
function unsigned(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function signed(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

function signed64(value: bigint): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (; rest < -64n || rest > 63n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest & 0x7fn)];
}
