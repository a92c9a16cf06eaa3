// Plain old JavaScript, so that a Node which can't run the rest can say so. The least is package.json's `engines`.
var LEAST = [20, 19]

var parts = process.versions.node.split('.').map(Number)
if (parts[0] < LEAST[0] || (parts[0] === LEAST[0] && parts[1] < LEAST[1])) {
  console.error(`Node ${LEAST.join('.')} or newer is needed; this is ${process.versions.node}`)
  process.exit(1)
}
