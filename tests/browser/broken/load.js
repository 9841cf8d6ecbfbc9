"use strict";
requestAnimationFrame(() =>
  setTimeout(() => {
    document.querySelector(".late").classList.add("room");
    throw new Error("a mistake in a script");
  }, 20),
);
