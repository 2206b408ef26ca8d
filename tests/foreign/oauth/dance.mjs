// The consumer's side of OAuth 1.0a by the npm package oauth, which knows the header only. See README.md.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import oauth from 'oauth';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value);
const say = (line) => console.log(JSON.stringify(line));
const text = readFileSync(new URL('awkward.txt', import.meta.url), 'utf8');

const task = await next();
const base = task.base;
const client = new oauth.OAuth(
  `${base}/oauth/request_token`, `${base}/oauth/access_token`, task.key, task.secret, '1.0', task.callback, task.method);
const call = (method, ...args) => new Promise((resolve) => {
  client[method](...args, (error, ...results) => resolve({ error, results }));
});

const first = await call('getOAuthRequestToken');
if (first.error) {
  say({ refused: first.error.statusCode, body: first.error.data });
  process.exit();
}

const [token, secret, more] = first.results;
if (more.oauth_callback_confirmed !== 'true') throw new Error('not confirmed');
say({ authorize: `${base}/oauth/authorize?oauth_token=${token}` });

const verifier = new URL((await next()).callback).searchParams.get('oauth_verifier');
const exchange = () => call('getOAuthAccessToken', token, secret, verifier);
const [access, accessSecret] = (await exchange()).results;
const read = await call('get', `${base}/me?text=${encodeURIComponent(text)}`, access, accessSecret);
const written = await call('post', `${base}/me`, access, accessSecret, { text });
const again = await exchange();
say({ read: read.results[0], written: written.results[0], again: again.error?.statusCode ?? 200 });
process.exit();
