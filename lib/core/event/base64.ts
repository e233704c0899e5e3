/** The bytes that base64 stands for, with or without padding; undefined for text that is not base64. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  // Buffer.from passes over what is not base64, so what it read is shorter then.
  return bytes.length === decodedLength(text) ? bytes : undefined
}

function decodedLength(text: string): number {
  let length = text.length
  while (length > 0 && text.length - length < 2 && text[length - 1] === '=') length -= 1
  return Math.floor((length * 3) / 4)
}
