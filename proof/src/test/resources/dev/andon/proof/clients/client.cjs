// Evaluates flags with an unmodified OpenFeature client: a question as JSON on each line of the input, an answer on each of the output.
const { createRequire } = require('node:module');
const { createInterface } = require('node:readline');

const [folder, kind, baseUrl, key] = process.argv.slice(2);
const load = createRequire(folder + '/');
const headers = [['Authorization', `Bearer ${key}`]];
const asks = {
  boolean: 'getBooleanDetails', string: 'getStringDetails', integer: 'getNumberDetails', number: 'getNumberDetails',
  object: 'getObjectDetails',
};
const otherwise = { boolean: false, string: 'default', integer: -1, number: -1, object: { default: true } };

function fetches() {
  const fetched = { count: 0 };
  const real = globalThis.fetch;
  globalThis.fetch = (...all) => { fetched.count++; return real(...all); };
  return fetched;
}

async function serverSide() {
  const { OpenFeature } = load('@openfeature/server-sdk');
  const { OFREPProvider } = load('@openfeature/ofrep-provider');
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers }));
  const client = OpenFeature.getClient();
  return async ({ type, flag, context }) => client[asks[type]](flag, otherwise[type], context);
}

async function web() {
  globalThis.EventSource = load('eventsource').EventSource;
  const { OpenFeature } = load('@openfeature/web-sdk');
  const { OFREPWebProvider } = load('@openfeature/ofrep-web-provider');
  let known = '';
  const follow = async (context) => {
    if (JSON.stringify(context) !== known) {
      await OpenFeature.setContext(context);
      known = JSON.stringify(context);
    }
  };
  await follow({ targetingKey: 'ann' });
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers }));
  const client = OpenFeature.getClient();
  return async ({ type, flag, context }) => {
    await follow(context);
    return client[asks[type]](flag, otherwise[type]);
  };
}

async function main() {
  const fetched = fetches();
  const ask = await (kind === 'web' ? web() : serverSide());
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { value, variant, reason, errorCode, flagMetadata } = await ask(JSON.parse(line));
    console.log(JSON.stringify({ value, variant, reason, errorCode, flagMetadata, fetched: fetched.count }));
  }
  process.exit(0);
}

main().catch((error) => { console.error(error); process.exit(1); });
