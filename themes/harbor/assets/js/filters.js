// Harbor: filters. CSS alone shows and hides; here are the count, the way back, and the choice in the address.
"use strict";
{
  const { all, fill } = harbor;

  for (const part of all("[data-filter]")) {
    const tools = part.querySelector(".filter-tools");
    const [line, reset] = [tools.querySelector("[role=status]"), tools.querySelector("button")];
    const groups = all("fieldset", part);
    const items = all(":scope > .filter-list > li", part);
    const none = part.querySelector(".filter-none");
    tools.hidden = false;
    const chosen = () => groups.map((group) => [group.dataset.key, group.querySelector(":checked")?.value ?? ""]);
    let said = "";
    const show = () => {
      const count = items.filter((item) => item.getClientRects().length).length;
      const { one, many } = tools.dataset;
      const words = count === 1 ? one : fill(many, { count });
      if (words !== said) line.textContent = said = words;
      none.hidden = count > 0;
      reset.hidden = chosen().every(([, value], index) => value === groups[index].querySelector("input").value);
    };
    const read = () => {
      const wanted = new URLSearchParams(location.hash.slice(1));
      const isOurs = groups.some((group) => wanted.has(group.dataset.key));
      for (const group of groups) {
        const value = wanted.get(group.dataset.key) ?? "";
        const inputs = all("input", group);
        if (isOurs || !location.hash) (inputs.find((input) => input.value === value) ?? inputs[0]).checked = true;
      }
      show();
    };
    const write = () => {
      const set = chosen().filter(([, value], index) => value !== groups[index].querySelector("input").value);
      const hash = new URLSearchParams(set).toString();
      history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
      show();
    };
    part.addEventListener("change", write);
    reset.onclick = () => {
      for (const group of groups) group.querySelector("input").checked = true;
      groups[0].querySelector("input").focus();
      write();
    };
    addEventListener("hashchange", read);
    addEventListener("pageshow", read);
    read();
  }
}
