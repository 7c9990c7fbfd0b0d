// @ts-check
/**
 * The browser's copy of the views, and who wants to hear of which view.
 * It never talks to the server (live.js does) and never touches the page.
 *
 * @typedef {Record<string, any>} Row
 * @typedef {Map<string, Row>} Rows
 * @typedef {{epoch: string, seq: number, views: Record<string, Record<string, Row>>}} Snapshot
 * @typedef {{epoch: string, seq: number, from_seq: number, changes: [string, string, Row | null][]}} Delta
 */

/** @type {Rows} */
const NO_ROWS = new Map();

export class State {
  constructor() {
    this.epoch = "";
    this.seq = -1;
    /** @type {Map<string, Rows>} */
    this.views = new Map();
    /** Milliseconds by which this machine's clock is ahead of the server's, as far as samples tell. */
    this.clockAhead = 0;
    this.heardClock = false;
    /** Since when nothing has come from the server, by this machine's clock; null while it talks. @type {number | null} */
    this.silentSince = null;
    /** @type {{views: Set<string>, tell: () => void}[]} */
    this.listeners = [];
    /** @type {Set<string>} */
    this.changed = new Set();
    this.scheduled = false;
  }

  /** Rows of one view; empty before the first snapshot. @param {string} view @returns {Rows} */
  rows(view) {
    return this.views.get(view) ?? NO_ROWS;
  }

  /** @param {string} view @param {string} key @returns {Row | undefined} */
  row(view, key) {
    return this.rows(view).get(key);
  }

  /** The one row of a view that has a single row. @param {string} view @returns {Row | undefined} */
  only(view) {
    return this.rows(view).values().next().value;
  }

  get known() {
    return this.seq >= 0;
  }

  /** The server's time now, in ms. */
  now() {
    return Date.now() - this.clockAhead;
  }

  /** Until when what is here is true, in the server's time: not beyond what the socket or the cluster last said. */
  knownUntil() {
    const said = this.silentSince === null ? Infinity : this.silentSince - this.clockAhead;
    const cluster = this.row("connection", "cluster");
    const since = cluster && cluster.state !== "live" && cluster.since ? Date.parse(cluster.since) : Infinity;
    return Math.min(this.now(), said, since);
  }

  /** Call `tell` after any of the views changed, at most once a frame. @param {string[]} views @param {() => void} tell */
  subscribe(views, tell) {
    this.listeners.push({ views: new Set(views), tell });
  }

  /** @param {Snapshot} snapshot */
  takeSnapshot(snapshot) {
    for (const view of this.views.keys()) this.changed.add(view);
    this.views = new Map(Object.entries(snapshot.views).map(([view, rows]) => [view, new Map(Object.entries(rows))]));
    for (const view of this.views.keys()) this.changed.add(view);
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    this.schedule();
  }

  /** Apply a delta. False when something between was missed, so that a snapshot is needed. @param {Delta} delta */
  takeDelta(delta) {
    if (!this.known || delta.epoch !== this.epoch || delta.from_seq > this.seq) return false;
    if (delta.seq <= this.seq) return true;
    for (const [view, key, row] of delta.changes) {
      let rows = this.views.get(view);
      if (!rows) this.views.set(view, (rows = new Map()));
      if (row === null) rows.delete(key);
      else rows.set(key, row);
      if (view === "samples" && row) this.hearClock(row.t);
      this.changed.add(view);
    }
    this.seq = delta.seq;
    this.schedule();
    return true;
  }

  /** Delays only ever add, so the smallest difference is nearest to the truth. @param {number} t */
  hearClock(t) {
    const ahead = Date.now() - t;
    const slowly = this.clockAhead + 0.02 * (ahead - this.clockAhead);
    this.clockAhead = this.heardClock ? Math.min(ahead, slowly) : ahead;
    this.heardClock = true;
  }

  /** Frames stop on hidden tabs, and so does all drawing. */
  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      const changed = this.changed;
      this.changed = new Set();
      for (const { views, tell } of this.listeners) {
        if (![...changed].some((view) => views.has(view))) continue;
        try {
          tell();
        } catch (error) {
          reportError(error); // to the console as if nobody had caught it; the other listeners hear all the same
        }
      }
    });
  }
}
