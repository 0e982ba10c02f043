// The engine of flagd's JavaScript provider: a line of JSON in, {document, asks: [[flag, type, context]…], contexts}, and a line out,
// {schema, answers: [[variant, value] | [error]…]}. It evaluates in both of its ways, by code that it makes of an expression and by
// walking through the expression, as where code can't be made; ways that don't agree are an answer like no other.
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

function loaded(document, options) {
  const core = new FlagdCore(undefined, loading, options);
  core.setConfigurations(document);
  return core;
}

function resolved(core, flag, type, context) {
  const got = core[asks[type]](flag, otherwise[type], context, logger);
  return got.errorCode !== undefined || got.variant === undefined
    ? [`${got.errorCode ?? got.reason} ${got.errorMessage ?? ''}`]
    : [got.variant, got.value];
}

function answer({ document, asks: all, contexts }) {
  complaint = '';
  const compiled = loaded(document, {});
  const walked = loaded(document, { disableDynamicCodeGeneration: true });
  const schema = complaint;
  const answers = all.map(([flag, type, context]) => {
    const one = resolved(compiled, flag, type, contexts[context]);
    const other = resolved(walked, flag, type, contexts[context]);
    const alike = one.length === other.length && (one.length === 1 || JSON.stringify(one) === JSON.stringify(other));
    return alike ? one : [`compiled ${JSON.stringify(one)}, walked ${JSON.stringify(other)}`, null];
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
