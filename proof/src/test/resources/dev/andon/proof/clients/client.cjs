// Evaluates flags with an unmodified OpenFeature client: a question as JSON on each line of the input, an answer on each of the output.
const { createRequire } = require('node:module');
const { createInterface } = require('node:readline');

const [folder, kind, address, key] = process.argv.slice(2);
const load = createRequire(folder + '/');
const headers = [['Authorization', `Bearer ${key}`]];
const asks = {
  boolean: 'getBooleanDetails', string: 'getStringDetails', integer: 'getNumberDetails', number: 'getNumberDetails',
  object: 'getObjectDetails',
};
const otherwise = { boolean: false, string: 'default', integer: -1, number: -1, object: { default: true } };

let shutDown = async () => {};

// Waits for longer than a client's own patience: a client that starts late is none that doesn't start.
async function serverSide(provider) {
  const { OpenFeature, ProviderEvents } = load('@openfeature/server-sdk');
  const client = OpenFeature.getClient();
  shutDown = () => OpenFeature.close();
  const ready = new Promise((resolve) => OpenFeature.addHandler(ProviderEvents.Ready, resolve));
  OpenFeature.setProvider(provider);
  await ready;
  return async ({ type, flag, context }) => client[asks[type]](flag, otherwise[type], context);
}

function ofrep() {
  const { OFREPProvider } = load('@openfeature/ofrep-provider');
  return serverSide(new OFREPProvider({ baseUrl: address, headers }));
}

function flagd(resolverType) {
  const { FlagdProvider } = load('@openfeature/flagd-provider');
  const [host, port] = address.split(':');
  return serverSide(new FlagdProvider({ host, port: Number(port), resolverType }));
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
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: address, headers }));
  const client = OpenFeature.getClient();
  return async ({ type, flag, context }) => {
    await follow(context);
    return client[asks[type]](flag, otherwise[type]);
  };
}

const kinds = { ofrep, web, rpc: () => flagd('rpc'), 'in-process': () => flagd('in-process') };

async function main() {
  const ask = await kinds[kind]();
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { value, variant, reason, errorCode } = await ask(JSON.parse(line));
    console.log(JSON.stringify({ value, variant, reason, errorCode }));
  }
  await shutDown();
  // Not at once: the goodbye is still to be written.
  setTimeout(() => process.exit(0), 5000).unref();
}

main().catch((error) => { console.error(error); process.exit(1); });
