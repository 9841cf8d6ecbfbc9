"use strict";
document.querySelector(".last").onkeydown = (event) => {
  if (event.key !== "Tab") return;
  event.preventDefault();
  document.querySelector(".first").focus();
};
