// Everything works without this file; it counts down, previews photos, asks twice and guards typing.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const zh = document.documentElement.lang.startsWith("zh");
  const unit = (n, one) => (zh ? `${n} ${one[0]}` : `${n} ${one[1]}`);

  const left = (seconds) => {
    if (seconds <= 0) return zh ? "现在" : "now";
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return unit(seconds, ["秒", "s"]);
    if (minutes < 60) return `${unit(minutes, ["分", "min"])} ${unit(seconds % 60, ["秒", "s"])}`;
    if (minutes < 2880) return `${unit(Math.floor(minutes / 60), ["小时", "h"])} ${unit(minutes % 60, ["分", "min"])}`;
    return unit(Math.floor(minutes / 1440), ["天", "d"]);
  };

  // The server's clock counts, whatever this machine's says.
  const drift = Date.parse(document.documentElement.dataset.now || "") - Date.now() || 0;
  const now = () => Date.now() + drift;
  let typed = false;
  document.addEventListener("input", () => { typed = true; });

  const pulse = async () => {
    const strip = document.querySelector("[data-pulse]");
    if (!strip) return;
    try {
      const answer = await fetch(strip.dataset.pulse, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.querySelector("[data-pulse]");
      if (next) strip.replaceWith(next);
      const unread = fresh.querySelector("[data-unread]");
      const shown = document.querySelector("[data-unread]");
      if (unread && shown) {
        shown.textContent = unread.textContent;
        shown.hidden = unread.hidden;
      }
      const version = fresh.querySelector("[data-version]");
      const here = document.querySelector("main [data-version]");
      if (version && here && version.dataset.version !== here.dataset.version && !typed) location.reload();
    } catch { /* offline: the next beat tries again */ }
  };

  let beats = 0;
  setInterval(() => {
    let due = false;
    for (const item of all("[data-until]")) {
      const seconds = Math.round((Date.parse(item.dataset.until) - now()) / 1000);
      item.textContent = left(seconds);
      if (seconds <= -1 && seconds % 3 === 0) due = true;
    }
    beats += 1;
    if (!document.hidden && (due || beats % 20 === 0)) pulse();
  }, 1000);

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    if (input.dataset.most) {
      const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
      input.setCustomValidity(large ? input.dataset.tooLarge : "");
      input.reportValidity();
    }
    const box = input.parentElement.querySelector(".preview");
    if (!box) return;
    all("img", box).forEach((image) => URL.revokeObjectURL(image.src));
    box.replaceChildren(...[...input.files].filter((file) => file.type.startsWith("image/")).map((file) => {
      const image = new Image();
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      return image;
    }));
  });

  // A large file shows how much of it has gone; where it leads is the server's answer, as without this.
  const carry = (form, pressed) => {
    const [sent, broken] = [form.querySelector("[data-sent]"), form.querySelector("[data-broken]")];
    const call = new XMLHttpRequest();
    const body = new FormData(form);
    broken.hidden = true;
    sent.hidden = false;
    call.upload.onprogress = ({ loaded, total }) => {
      const share = Math.floor((100 * loaded) / (total || 1));
      sent.querySelector("progress").value = share;
      sent.querySelector("b").textContent = `${share}%`;
    };
    call.onload = () => {
      if (call.responseURL && new URL(call.responseURL).pathname !== new URL(form.action).pathname) { location.assign(call.responseURL); return; }
      document.open();
      document.write(call.responseText);
      document.close();
    };
    call.onerror = () => {
      sent.hidden = true;
      broken.hidden = false;
      for (const button of all("button", form)) button.disabled = false;
      if (pressed?.dataset.said) pressed.textContent = pressed.dataset.said;
    };
    call.open("POST", form.action);
    call.send(body);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    typed = false;
    const pressed = event.submitter;
    if (pressed?.dataset.busy) {
      pressed.dataset.said = pressed.textContent;
      pressed.textContent = pressed.dataset.busy;
    }
    for (const button of all("button", form)) setTimeout(() => { button.disabled = true; }, 0);
    if (form.matches("[data-carry]") && all("[type=file]", form).some((input) => input.files[0]?.size > 500000)) {
      event.preventDefault();
      carry(form, pressed);
    }
  });
  const never = new Set(all("button:disabled"));
  addEventListener("pageshow", () => all("button").forEach((button) => {
    button.disabled = never.has(button);
    if (button.dataset.said) button.textContent = button.dataset.said;
  }));
  addEventListener("beforeunload", (event) => { if (typed && document.querySelector("form[data-guard]")) event.preventDefault(); });

  const progress = document.querySelector("[data-refresh]");
  if (progress) setTimeout(() => location.reload(), Number(progress.dataset.refresh) * 1000);

  // What is under way is looked at again in its place; what it leads to is gone to.
  const watch = async () => {
    const shown = document.querySelector("[data-watch]");
    if (!shown) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) { location.replace(answer.url); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-watch]");
      if (!next) { location.reload(); return; }
      shown.replaceWith(next);
    } catch { /* offline: the next look tries again */ }
    setTimeout(watch, 1000);
  };
  if (document.querySelector("[data-watch]")) setTimeout(watch, 700);

  // An address within the page may lie in something that is folded.
  const unfold = () => {
    let item = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const target = item;
    for (; item; item = item.parentElement) if (item.tagName === "DETAILS") item.open = true;
    if (target) target.scrollIntoView();
  };
  unfold();
  addEventListener("hashchange", unfold);

  const place = document.querySelector("[data-locate]");
  if (place && navigator.geolocation && isSecureContext) {
    place.hidden = false;
    place.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.querySelector("[name=lat]").value = coords.latitude.toFixed(6);
      document.querySelector("[name=lon]").value = coords.longitude.toFixed(6);
      place.textContent = place.dataset.locate;
    }));
  }
})();
