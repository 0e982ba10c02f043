// The engine of flagd's JavaScript provider: a line of JSON in, {document?, asks: [[flag, type, context]…], contexts}, and a line out,
// {schema, answers: [[variant, value] | [error]…]}. A document stays until the next one comes.
const { createRequire } = require('node:module');
const { createInterface } = require('node:readline');

const load = createRequire(process.argv[2] + '/');
const { FlagdCore } = load('@openfeature/flagd-core');
const otherwise = { boolean: false, string: '', number: 0, integer: 0, object: {} };
const asks = {
  boolean: 'resolveBooleanEvaluation', string: 'resolveStringEvaluation', number: 'resolveNumberEvaluation',
  integer: 'resolveNumberEvaluation', object: 'resolveObjectEvaluation',
};

let complaint = '';
const quiet = () => {};
const note = (message) => { if (/invalid/i.test(message) && complaint === '') complaint = String(message); };
const logger = { error: note, warn: note, info: quiet, debug: quiet };
const loading = { ...logger, debug: note };

let core = null;
function answer({ document, asks: all, contexts }) {
  complaint = '';
  if (document !== undefined) {
    core = new FlagdCore(undefined, loading);
    core.setConfigurations(document);
  }
  const schema = complaint;
  const answers = all.map(([flag, type, context]) => {
    const got = core[asks[type]](flag, otherwise[type], contexts[context], logger);
    return got.errorCode !== undefined || got.variant === undefined
      ? [`${got.errorCode ?? got.reason} ${got.errorMessage ?? ''}`]
      : [got.variant, got.value];
  });
  return { schema, answers };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  let out;
  try {
    out = answer(JSON.parse(line));
  } catch (e) {
    out = { failure: String(e && e.stack) + (e && e.cause ? ' caused by ' + e.cause.stack : '') };
  }
  process.stdout.write(JSON.stringify(out) + '\n');
});
