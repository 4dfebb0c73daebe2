import { lookup as resolveName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All public IPv6 addresses that were ever given out lie here (RFC 4291, IANA); `::127.0.0.1` and its like do not. */
const publicIPv6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** IPv4 addresses as networks without IPv4 see them (RFC 6052): there every IPv4 host has such an address. */
const translatedIPv4 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Whether an IP address belongs to the public Internet. Anything else, also what is no address, is not public. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  // Whoever connects to these reaches the IPv4 address in their last four bytes, so that one decides.
  if (address.isIPv4MappedAddress() || address.match(translatedIPv4)) {
    return new ipaddr.IPv4(address.toByteArray().slice(12)).range() === 'unicast';
  }
  return address.range() === 'unicast' && address.match(publicIPv6);
}

/**
 * Resolves a name, and refuses it if any of its addresses is not public. The connection uses the very addresses that were
 * checked, so the name cannot be pointed elsewhere in between.
 */
export function publicLookup(resolve: LookupFunction = resolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address];
      const isRefused = !error && !addresses.every(isPublicAddress);
      callback(
        isRefused ? Object.assign(new Error('not a public address'), { code: 'EACCES' }) : error,
        address,
        family,
      );
    });
  };
}
