// Asks flagd's JavaScript engine the same of two documents: {documents: [text, text], flags: {key: type}, contexts} on standard input;
// {differences: [[flag, context, answer, other answer]…]} on standard output.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');

const { FlagdCore } = createRequire(process.argv[2] + '/')('@openfeature/flagd-core');
const { documents, flags, contexts } = JSON.parse(readFileSync(0, 'utf8'));
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const resolvers = {
  boolean: ['resolveBooleanEvaluation', false], string: ['resolveStringEvaluation', ''], integer: ['resolveNumberEvaluation', 0],
  number: ['resolveNumberEvaluation', 0], object: ['resolveObjectEvaluation', {}],
};
const cores = documents.map((document) => {
  const core = new FlagdCore(undefined, quiet);
  core.setConfigurations(document);
  return core;
});
const answer = (core, flag, type, context) => {
  const [resolve, otherwise] = resolvers[type];
  const { variant, value, errorCode } = core[resolve](flag, otherwise, context, quiet);
  return errorCode === undefined && variant !== undefined ? [variant, value] : ['no variant'];
};

const differences = [];
for (const [flag, type] of Object.entries(flags)) {
  contexts.forEach((context, i) => {
    const [one, other] = cores.map((core) => answer(core, flag, type, context));
    if (JSON.stringify(one) !== JSON.stringify(other)) differences.push([flag, i, one, other]);
  });
}
process.stdout.write(JSON.stringify({ differences }));
