"use strict";
const more = document.querySelector(".more");
more.onclick = () => {
  document.querySelector(".menu").hidden = false;
  more.setAttribute("aria-expanded", "true");
};
for (const it of document.querySelectorAll("[type=radio], .stuck")) {
  it.onkeydown = (event) => {
    if (event.key !== "Tab") event.preventDefault();
  };
}
