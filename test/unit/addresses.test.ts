import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { Downloads } from '../../src/kubeez/download.ts';

const downloads = new Downloads([]);

/** Whether a download connects to a host: first an address as such, then a name that leads to it. */
async function isAllowed(address: string): Promise<[asAddress: boolean, asName: boolean]> {
  const literal = address.includes(':') ? `[${address}]` : address;
  return [downloads.rulesFor(`https://${literal}/a.png`) !== undefined, await leadsTo(address)];
}

/** Whether a name with these addresses is connected to. */
async function leadsTo(...addresses: string[]): Promise<boolean> {
  const resolve: LookupFunction = (_, { all }, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  const lookup = new Downloads([], 1, resolve).rulesFor('https://files.example/a.png')?.lookup;
  if (!lookup) throw new Error('Names are looked up');
  return new Promise((done) => lookup('files.example', { all: true }, (error) => done(!error)));
}

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '104.16.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '192.169.0.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001:81b::200e',
  // A public IPv4 address, as it is seen from a network without IPv4.
  '64:ff9b::808:808',
  '::ffff:8.8.8.8',
])('files are fetched from %s, a public address', async (address) => {
  expect(await isAllowed(address)).toEqual([true, true]);
});

test.each([
  ['this network', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['private', '10.0.0.1'],
  ['private', '10.255.255.255'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['link-local, cloud metadata', '169.254.169.254'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['protocol assignments', '192.0.0.1'],
  ['documentation', '192.0.2.1'],
  ['6to4 relays', '192.88.99.1'],
  ['private', '192.168.1.1'],
  ['benchmarks', '198.18.0.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-compatible', '::127.0.0.1'],
  ['IPv4-compatible', '::808:808'],
  ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
  ['IPv4-mapped private, in hexadecimal', '::ffff:a00:1'],
  ['IPv4-mapped metadata', '::ffff:169.254.169.254'],
  ['IPv4-translated', '::ffff:0:8.8.8.8'],
  ['NAT64 of loopback', '64:ff9b::7f00:1'],
  ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
  ['NAT64 of metadata', '64:ff9b::a9fe:a9fe'],
  ['local NAT64', '64:ff9b:1::808:808'],
  ['discard-only', '100::1'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['benchmarks', '2001:2::1'],
  ['ORCHID', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['6to4 of a private address', '2002:a00:1::1'],
  ['6to4 of a public address', '2002:808:808::1'],
  ['never given out', '4000::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1'],
  ['unique local', 'fd12:3456::1'],
  ['link-local', 'fe80::1'],
  ['site-local', 'fec0::1'],
  ['site-local', 'feff::1'],
  ['multicast', 'ff02::1'],
])('nothing is fetched from an address that is not public (%s: %s)', async (_, address) => {
  expect(await isAllowed(address)).toEqual([false, false]);
});

test.each(['https://127.1/', 'https://0x7f.0.0.1/', 'https://2130706433/', 'https://127.0.0.1./', 'https://0177.1/'])(
  'an address in another spelling is the same address: %s',
  (address) => {
    expect(downloads.rulesFor(address)).toBeUndefined();
  },
);

test('a name with several addresses is refused if one of them is not public', async () => {
  expect(await leadsTo('8.8.8.8', '2606:4700::1111')).toBe(true);
  expect(await leadsTo('8.8.8.8', '10.0.0.1')).toBe(false);
  expect(await leadsTo('fe80::1%eth0', '8.8.8.8')).toBe(false);
  expect(await leadsTo('8.8.8.8', '2606:4700::1111', '64:ff9b::7f00:1')).toBe(false);
});
