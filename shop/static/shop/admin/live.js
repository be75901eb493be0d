// While an order moves, fetch the part of the page that shows its state again, from the
// address in data-live, or else from the page itself.
const PAUSE = 1500; // milliseconds

// Write what changed for screen readers, into one element that stays on the page.
const say = (before, after) => {
  const known = new Set([...before.querySelectorAll("[data-say]")].map((e) => e.innerText));
  const news = [...after.querySelectorAll("[data-say]")]
    .map((e) => e.innerText)
    .filter((text) => !known.has(text));
  if (news.length) document.getElementById("live-text").innerText = news.join(" ");
};

const poll = async () => {
  const shown = document.querySelector("[data-live]");
  if (!shown) return;
  if (document.hidden) return setTimeout(poll, PAUSE);
  try {
    const answer = await fetch(shown.dataset.live || location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("content-main");
    if (fresh && fresh.innerHTML !== shown.innerHTML) {
      shown.replaceWith(fresh);
      say(shown, fresh);
    }
  } catch {
    // The network does not answer; the next poll may succeed.
  }
  setTimeout(poll, PAUSE);
};

setTimeout(poll, PAUSE);
