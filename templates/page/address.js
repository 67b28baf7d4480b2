// The state in the address: read when the page opens or a link is followed, written a moment after each change.
import { hashToState, stateToHash } from './state.js';

/** @typedef {import('./state.js').State} State */

/** Milliseconds that changes are collected for: browsers refuse an address that changes with every step of a slider. */
const patience = 150;

/** @param {State} defaults @param {import('./state.js').Limits} limits */
export function createAddress(defaults, limits) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const read = () => hashToState(location.hash.slice(1), defaults, limits);
  return {
    read,
    /** @param {State} state */
    write: (state) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const hash = stateToHash(state, defaults);
        if (hash !== location.hash.slice(1)) history.replaceState(null, '', `#${hash}`);
      }, patience);
    },
    /** @param {(state: State) => void} follow */
    onChange: (follow) =>
      addEventListener('hashchange', () => {
        // An address without `=` is a link to a section of this page.
        if (location.hash === '' || location.hash.includes('=')) follow(read());
      }),
  };
}
