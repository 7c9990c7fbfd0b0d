// @ts-check
/** Wires Present mode together: the Stage's modules on what is shared, and nothing that changes anything. */

import "./trusted.js";
import { connectionTone, showConnection } from "./connection.js";
import { showFigures } from "./figures.js";
import { startLive } from "./live.js";
import { showPods } from "./pods.js";
import { showScreen } from "./present_screen.js";
import { showWords } from "./present_words.js";
import { startEach, withState } from "./starting.js";
import { State } from "./state.js";
import { showTide } from "./tide.js";
import { showTitle } from "./title.js";
import { showWhy } from "./why.js";

const state = new State();
// Whoever presents sees what their audience sees: names and notices of the cluster are not for a projector.
const link = startLive(state, { audience: "shared", page: "/present" });
startEach([
  function connection() { showConnection(state, link); },
  function title() { showTitle(state, link, () => connectionTone(state, link)); },
  showScreen,
  ...withState([showFigures, showTide, showPods, showWhy, showWords], state),
]);
