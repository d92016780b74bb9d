// Commits batches of one event and its checkpoint until it is killed. Run on compiled files, as an installed whyd is.
const [modules, path, opening, sample] = process.argv.slice(2);
const { openIndex } = await import(`${modules}/store/open-index.js`);
const index = openIndex(path);
const file = JSON.parse(opening);
const fileId = index.openFile(file);
const start = index.checkpointByIdentity(file.identity).offset;
for (let offset = start; ; offset += 10) {
  const events = [{ ...JSON.parse(sample), citation: { fileId, byteStart: offset, byteEnd: offset + 10 } }];
  const proof = { headHash: '', headBytes: 0, markerHash: '', markerBytes: 0 };
  const checkpoint = { ...file.identity, path: file.path, generation: file.generation, offset: offset + 10, ...proof };
  index.commit({ events, checkpoints: [checkpoint] });
  if (offset === start) process.stdout.write('committing\n');
}
