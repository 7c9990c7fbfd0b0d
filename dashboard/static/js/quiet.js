// @ts-check
/** A page with nothing to paint but what every live page has. */

import { startPage } from "./page.js";

startPage();
