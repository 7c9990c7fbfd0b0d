// @ts-check
/** Wires the modules of the Stage page together. It knows all of them; none of them knows it. */

import { startPage } from "./page.js";
import { showApp } from "./app.js";
import { wireDialogs } from "./dialogs.js";
import { showDeploy } from "./deploy.js";
import { showFigures } from "./figures.js";
import { showPipeline } from "./pipeline.js";
import { showPods } from "./pods.js";
import { wirePresentKey } from "./present_key.js";
import { startEach, withState } from "./starting.js";
import { showStory } from "./story.js";
import { showSwarm } from "./swarm.js";
import { showTide } from "./tide.js";
import { showTopbar } from "./topbar.js";
import { showWhy } from "./why.js";

const state = startPage();

const parts = [showTopbar, showFigures, showTide, showPods, showStory, showWhy, showPipeline, showApp, showDeploy, showSwarm];
startEach([wireDialogs, wirePresentKey, ...withState(parts, state)]);
