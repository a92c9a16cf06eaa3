/** The bytes of a file that somebody chose. Not `file.arrayBuffer()`, which WebViews of 2019 lack. */
export function bytesOf(file: File): Promise<ArrayBuffer> {
  return new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result as ArrayBuffer)
    reader.onerror = () => fail(new DOMException('the file cannot be read'))
    reader.readAsArrayBuffer(file)
  })
}
