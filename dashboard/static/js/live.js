// @ts-check
/**
 * Owns the socket. Feeds the state, asks for a snapshot on a gap, and says how fresh all of it is.
 * It must not know what the views mean.
 */

import { io } from "../vendor/socket.io.esm.min.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {"connecting" | "live" | "reconnecting" | "stale" | "signed-out"} Freshness */

/** A blink of the network is not worth a word. */
const STALE_AFTER_MS = 3000;
/** Samples come every second; when they stop without the socket closing, we ask. */
const QUIET_MS = 10000;
const QUIET_MAX_MS = 80000;
const ANSWER_MS = 5000;
const REFUSED_PAUSE_MS = 2000;

export class Link {
  constructor() {
    /** @type {Freshness} */
    this.freshness = "connecting";
    /** When something last came from the server, by this machine's clock; the page itself came just now. */
    this.heardAt = Date.now();
    /** @type {(() => void)[]} */
    this.listeners = [];
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** @param {Freshness} freshness */
  become(freshness) {
    if (freshness === this.freshness || this.freshness === "signed-out") return;
    this.freshness = freshness;
    for (const listener of this.listeners) listener();
  }
}

/**
 * Connect, and keep connected.
 * @param {State} state
 * @param {{audience?: string, page?: string}} [wish] for less than one may see; `page`: what is asked when a socket is refused
 * @returns {Link}
 */
export function startLive(state, { audience = "", page = "/api/v1/state" } = {}) {
  const link = new Link();
  const socket = io({ transports: ["websocket"], auth: audience ? { audience } : {}, reconnectionDelay: 400, reconnectionDelayMax: 4000, timeout: 8000 });
  let quietMs = QUIET_MS;
  let askedAt = 0;
  let lostAt = 0;

  link.onChange(() => {
    state.silentSince = link.freshness === "live" ? null : link.heardAt;
  });
  const resync = () => {
    askedAt = Date.now();
    socket.emit("resync", {});
  };
  /** A session that has ended lets nobody in again. @param {number} after ms */
  const again = (after) => {
    if (link.freshness !== "signed-out") setTimeout(() => socket.connect(), after);
  };
  const heard = () => {
    link.heardAt = Date.now();
    askedAt = 0;
    link.become("live");
  };

  socket.on("snapshot", (/** @type {import("./state.js").Snapshot} */ snapshot) => {
    state.takeSnapshot(snapshot);
    heard();
  });
  socket.on("delta", (/** @type {import("./state.js").Delta} */ delta) => {
    quietMs = QUIET_MS;
    if (state.takeDelta(delta)) heard();
    else if (!askedAt) resync();
  });
  socket.on("connect", () => {
    lostAt = 0;
    askedAt = Date.now(); // the server sends a snapshot unasked
  });
  socket.on("disconnect", (/** @type {string} */ reason) => {
    lostAt = Date.now();
    link.become("reconnecting");
    // The library does not return by itself when the server said go.
    if (reason === "io server disconnect") void lookWhy(link, page).then(() => again(REFUSED_PAUSE_MS / 2));
  });
  socket.on("connect_error", () => {
    lostAt ||= Date.now();
    const refused = !socket.active; // which the library takes as final
    void lookWhy(link, page).then(() => {
      if (refused) again(REFUSED_PAUSE_MS);
    });
  });
  link.onChange(() => {
    if (link.freshness === "signed-out") socket.disconnect();
  });

  setInterval(() => {
    const now = Date.now();
    if (link.freshness === "signed-out") return;
    if (!socket.connected) {
      if (lostAt && now - lostAt > STALE_AFTER_MS) link.become("stale");
    } else if (askedAt && now - askedAt > ANSWER_MS) {
      link.become("stale");
      resync();
    } else if (!askedAt && state.rows("samples").size && now - link.heardAt > quietMs) {
      quietMs = Math.min(2 * quietMs, QUIET_MAX_MS);
      resync();
    }
  }, 1000);
  return link;
}

/** A refused socket does not say why; a plain request does. @param {Link} link @param {string} page */
async function lookWhy(link, page) {
  try {
    const answer = await fetch(page, { method: "HEAD", headers: { Accept: "application/json" } });
    if (answer.status === 401) link.become("signed-out");
  } catch {
    link.become(link.freshness === "stale" ? "stale" : "reconnecting"); // the server is away; the socket goes on trying
  }
}
