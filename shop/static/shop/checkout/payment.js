// Puts the provider's card form into every form marked with data-card-form, and lets
// the form go only with a confirmation token: the card number never reaches the shop.

const look = () => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    theme: dark ? "night" : "stripe",
    variables: {
      colorPrimary: token("--accent"),
      colorBackground: token("--surface"),
      colorText: token("--ink"),
      colorDanger: token("--danger"),
      borderRadius: "8px",
    },
  };
};

function mount(form) {
  if (form.dataset.mounted) return;
  form.dataset.mounted = "yes";
  const { key, amount, currency, returnUrl, busy, unavailable, failed } = form.dataset;
  const { name, email, phone } = form.dataset;
  const methods = form.dataset.methods.split(",");
  const button = form.querySelector("[data-card-submit]");
  const alert = form.querySelector("[data-card-error]");
  const label = button.textContent;

  const say = (problem) => {
    alert.textContent = problem;
    alert.hidden = !problem;
  };
  // The way without the card form: shown by checkout.css where there are no scripts.
  const without = form.querySelector("[data-without-card-form]");
  const fall = () => {
    if (without) without.dataset.shown = "yes";
    say(unavailable);
  };
  const wait = (waiting) => {
    button.disabled = waiting;
    button.textContent = waiting ? busy : label;
    form.setAttribute("aria-busy", waiting);
  };

  if (!window.Stripe) {
    button.disabled = true;
    fall();
    return;
  }
  const stripe = window.Stripe(key);
  const elements = stripe.elements({
    mode: "payment",
    amount: Number(amount),
    currency,
    // Cash cannot wait for a capture; the card does so by the intent's own option.
    captureMethod: methods.includes("konbini") ? "automatic" : "manual",
    paymentMethodTypes: methods,
    locale: document.documentElement.lang,
    appearance: look(),
  });
  const card = elements.create("payment", {
    layout: "tabs",
    defaultValues: { billingDetails: { name, email, phone } },
  });
  card.on("loaderror", fall);
  card.mount(form.querySelector("[data-card-place]"));

  // Show a refusal on the page, and keep everything that was typed.
  const token = async () => {
    const checked = await elements.submit();
    if (checked.error) return checked;
    return stripe.createConfirmationToken({ elements, params: { return_url: returnUrl } });
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "on_page") return;
    event.preventDefault();
    if (button.disabled) return;
    say("");
    wait(true);
    try {
      const { error, confirmationToken } = await token();
      if (error) {
        // Fields that are merely incomplete say so themselves, beside the field.
        if (error.type !== "validation_error") say(error.message || failed);
        wait(false);
        return;
      }
      form.elements.confirmation_token.value = confirmationToken.id;
      form.submit();
    } catch {
      say(failed);
      wait(false);
    }
  });
}

const mountAll = (root) => {
  if (root.matches?.("[data-card-form]")) mount(root);
  root.querySelectorAll("[data-card-form]").forEach(mount);
};

mountAll(document);
document.addEventListener("htmx:load", (event) => mountAll(event.detail.elt));
// Back from the next page: a page from the browser's memory would show a sent form.
addEventListener("pageshow", (event) => event.persisted && location.reload());
