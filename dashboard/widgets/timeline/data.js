// What Python packed: a length, a JSON header, and columns as typed arrays behind it.

const CALL = 1, ERROR = 2, UNWANTED = 4, RETRY = 8, HEDGE = 16, BAND = 32, OPEN = 64, NOT_KNOWN = 255
const ALIGNED = 8

function unpacked(bytes) {
  const whole = bytes.byteOffset % ALIGNED ? bytes.slice() : bytes, text = new TextDecoder()
  const length = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true))
  const header = JSON.parse(text.decode(whole.subarray(ALIGNED, ALIGNED + length)))
  const start = whole.byteOffset + ALIGNED + length, columns = {}
  for (const [name, kind, offset, size] of header.columns) {
    const part = whole.subarray(ALIGNED + length + offset, ALIGNED + length + offset + size)
    if (kind === "lines") columns[name] = size ? text.decode(part).split("\n") : []
    else columns[name] = new globalThis[kind](whole.buffer, start + offset, size / globalThis[kind].BYTES_PER_ELEMENT)
  }
  return { ...header, columns }
}

// The revision alone, so that bytes that are known are not read again.
function revisionOf(bytes) {
  const start = ALIGNED, part = new TextDecoder().decode(bytes.subarray(start, start + 400))
  return part.match(/"rev":"((?:[^"\\]|\\.)*)"/)?.[1]
}
