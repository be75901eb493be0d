// While an order goes on, show where it is now: the part of the page that tells it,
// fetched again from where it says, or else from the page itself.
const PAUSE = 1500; // milliseconds

// What changed, for those who do not see it: into one place that stays on the page.
const say = (before, after) => {
  const known = new Set([...before.querySelectorAll("[data-say]")].map((e) => e.innerText));
  const news = [...after.querySelectorAll("[data-say]")]
    .map((e) => e.innerText)
    .filter((words) => !known.has(words));
  if (news.length) document.getElementById("live-text").innerText = news.join(" ");
};

const look = async () => {
  const shown = document.querySelector("[data-live]");
  if (!shown) return;
  if (document.hidden) return setTimeout(look, PAUSE);
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
    // The network is away for a moment; the next look may find it back.
  }
  setTimeout(look, PAUSE);
};

setTimeout(look, PAUSE);
