"use strict";
const heading = document.createElement("h2");
heading.textContent = "A heading by script";
const text = document.createElement("p");
text.textContent = "Several words that nobody can read unless scripts run here.";
document.querySelector(".slot").replaceWith(heading, text);
