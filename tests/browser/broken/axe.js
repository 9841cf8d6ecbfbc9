"use strict";
document.querySelector("input").oninput = () => (document.querySelector(".result").hidden = false);
