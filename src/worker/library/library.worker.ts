/**
 * A script of its own, which holds nothing: chunks that come later take what they share with the worker from where it
 * lies, and WebKit runs a worker's script again when something is taken from that (vite.config.ts).
 */
import './libraryOnWire'
