// Stripe.js, as the sandbox plays it. The card form lives in a frame of this origin,
// so no card number touches the page that loads this script. Nothing here writes a
// style sheet or a style attribute: sizes are set through the CSSOM, which a strict
// Content-Security-Policy allows.
(() => {
  "use strict";
  if (window.Stripe) return;
  const origin = new URL(document.currentScript.src).origin;
  let count = 0;

  class IntegrationError extends Error {
    constructor(message) {
      super(message);
      this.name = "IntegrationError";
    }
  }

  const api = async (pk, method, path, fields) => {
    const text = new URLSearchParams(fields).toString();
    const post = method === "POST";
    try {
      const reply = await fetch(origin + path + (post || !text ? "" : "?" + text), {
        method,
        headers: {
          Authorization: "Bearer " + pk,
          ...(post && { "Content-Type": "application/x-www-form-urlencoded" }),
        },
        body: post ? text : undefined,
      });
      return await reply.json();
    } catch {
      const message = "We are experiencing issues connecting to our payments provider.";
      return { error: { type: "api_connection_error", message } };
    }
  };

  class Listeners {
    constructor() {
      this.handlers = {};
    }
    on(name, handler) {
      (this.handlers[name] ||= []).push(handler);
      return this;
    }
    once(name, handler) {
      const wrapped = (event) => {
        this.off(name, wrapped);
        handler(event);
      };
      return this.on(name, wrapped);
    }
    off(name, handler) {
      this.handlers[name] = handler
        ? (this.handlers[name] || []).filter((known) => known !== handler)
        : [];
      return this;
    }
    tell(name, event) {
      for (const handler of [...(this.handlers[name] || [])]) handler(event);
    }
  }

  class PaymentElement extends Listeners {
    constructor(elements, options) {
      super();
      this.elements = elements;
      this.options = options || {};
      this.frame = null;
      this.waiting = new Map();
      this.ready = new Promise((resolve) => (this.becomeReady = resolve));
      this.listener = (event) => this.hear(event);
    }

    mount(target) {
      const node = typeof target === "string" ? document.querySelector(target) : target;
      if (!node) {
        throw new IntegrationError(
          "The selector you specified (" + target + ") applies to no DOM elements."
        );
      }
      this.unmount();
      const frame = document.createElement("iframe");
      frame.name = "__privateStripeFrame" + ++count;
      frame.title = this.elements.japanese()
        ? "セキュアな支払い入力フレーム" : "Secure payment input frame";
      frame.setAttribute("data-testid", "payment-element-frame");
      frame.setAttribute("allow", "payment *");
      const style = { border: "0", width: "100%", height: "232px", display: "block" };
      Object.assign(frame.style, style);
      frame.src = origin + "/elements/payment#" +
        encodeURIComponent(JSON.stringify(this.settings()));
      window.addEventListener("message", this.listener);
      node.replaceChildren(frame);
      node.classList.add("StripeElement");
      this.frame = frame;
      return this;
    }

    settings() {
      const { stripe, options } = this.elements;
      return {
        host: location.origin,
        pk: stripe.pk,
        locale: this.elements.locale(),
        amount: options.amount,
        currency: options.currency,
        captureMethod: options.captureMethod,
        paymentMethodTypes: options.paymentMethodTypes,
        appearance: options.appearance,
        defaults: this.options.defaultValues,
      };
    }

    hear(event) {
      if (!this.frame || event.source !== this.frame.contentWindow) return;
      if (event.origin !== origin) return;
      const { kind, id, value } = event.data || {};
      if (kind === "height") this.frame.style.height = value + "px";
      else if (kind === "reply") {
        this.waiting.get(id)?.(value);
        this.waiting.delete(id);
      } else if (kind === "ready") {
        this.becomeReady();
        this.tell("ready", { elementType: "payment" });
      } else if (kind) this.tell(kind, { elementType: "payment", ...value });
    }

    async ask(kind, value) {
      if (!this.frame) throw new IntegrationError("The Payment Element is not mounted.");
      await this.ready;
      const id = ++count;
      return new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.frame.contentWindow.postMessage({ kind, id, value }, origin);
      });
    }

    update(options) {
      Object.assign(this.options, options);
      if (this.frame) this.ask("update", this.settings());
    }
    focus() {
      this.ask("focus");
    }
    blur() {
      this.ask("blur");
    }
    clear() {
      this.ask("clear");
    }
    collapse() {}
    unmount() {
      window.removeEventListener("message", this.listener);
      this.frame?.remove();
      this.frame = null;
    }
    destroy() {
      this.unmount();
      this.elements.payment = null;
    }
  }

  class Elements {
    constructor(stripe, options) {
      this.stripe = stripe;
      this.options = { ...options };
      this.payment = null;
      this.submitted = false;
      if (!this.options.clientSecret && !this.options.mode) {
        throw new IntegrationError(
          "In order to create an element, you must pass a clientSecret or mode."
        );
      }
    }
    locale() {
      const asked = this.options.locale || this.stripe.options.locale || "auto";
      return asked === "auto" ? navigator.language : asked;
    }
    japanese() {
      return this.locale().toLowerCase().startsWith("ja");
    }
    create(kind, options) {
      if (kind !== "payment") {
        throw new IntegrationError("The sandbox has the payment element only: " + kind);
      }
      if (this.payment) {
        throw new IntegrationError("Can only create one Element of type payment.");
      }
      return (this.payment = new PaymentElement(this, options));
    }
    getElement(kind) {
      return kind === "payment" ? this.payment : null;
    }
    update(options) {
      Object.assign(this.options, options);
      this.submitted = false;
      this.payment?.update({});
    }
    async fetchUpdates() {
      return {};
    }
    async submit() {
      if (!this.payment) throw new IntegrationError("There is no element to submit.");
      const result = await this.payment.ask("submit");
      this.submitted = !result.error;
      return result;
    }
  }

  // The bank's page in a frame over the whole window; resolves when it is answered.
  const overlay = (address, title, signals) =>
    new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.name = "__stripeChallengeFrame";
      frame.title = title;
      frame.setAttribute("data-testid", "challenge-frame");
      frame.src = address;
      Object.assign(frame.style, {
        position: "fixed", inset: "0", width: "100%", height: "100%",
        border: "0", zIndex: "2147483647", background: "rgba(10, 20, 40, 0.55)",
        colorScheme: "light",
      });
      const before = document.activeElement;
      const hear = (event) => {
        if (event.source !== frame.contentWindow || event.origin !== origin) return;
        if (!signals.includes(event.data?.kind)) return;
        window.removeEventListener("message", hear);
        frame.remove();
        before?.focus?.();
        resolve(event.data);
      };
      window.addEventListener("message", hear);
      frame.addEventListener("load", () => frame.focus());
      document.body.append(frame);
    });

  class StripeClient {
    constructor(pk, options) {
      this.pk = pk;
      this.options = options || {};
    }

    elements(options) {
      return new Elements(this, options || {});
    }

    async createConfirmationToken({ elements, params } = {}) {
      if (!elements?.submitted) {
        throw new IntegrationError(
          "elements.submit() must be called and succeed before " +
            "stripe.createConfirmationToken()."
        );
      }
      const reply = await elements.payment.ask("token", params || {});
      return reply.error ? reply : { confirmationToken: reply };
    }

    async retrievePaymentIntent(clientSecret) {
      const id = String(clientSecret).split("_secret_")[0];
      const reply = await api(this.pk, "GET", "/v1/payment_intents/" + id, {
        client_secret: clientSecret,
      });
      return reply.error ? reply : { paymentIntent: reply };
    }

    async handleNextAction({ clientSecret } = {}) {
      const found = await this.retrievePaymentIntent(clientSecret);
      if (found.error) return found;
      const action = found.paymentIntent.next_action;
      if (found.paymentIntent.status !== "requires_action" || !action) {
        throw new IntegrationError(
          "handleNextAction: The PaymentIntent supplied is not in the " +
            "requires_action state."
        );
      }
      if (action.type === "redirect_to_url") {
        location.assign(action.redirect_to_url.url);
        return new Promise(() => {});
      }
      if (action.type === "konbini_display_details") {
        const voucher = action.konbini_display_details.hosted_voucher_url;
        await overlay(voucher, "Konbini", ["closed"]);
        return this.retrievePaymentIntent(clientSecret);
      }
      await overlay(action.use_stripe_sdk.stripe_js, "3-D Secure", ["challenged"]);
      const after = await this.retrievePaymentIntent(clientSecret);
      if (after.paymentIntent?.status === "requires_payment_method") {
        const error = after.paymentIntent.last_payment_error;
        return { error: { ...error, payment_intent: after.paymentIntent } };
      }
      return after;
    }
  }

  window.Stripe = (pk, options) => {
    if (typeof pk !== "string" || !pk.startsWith("pk_test_")) {
      throw new IntegrationError(
        "The sandbox takes a publishable test key (pk_test_...) only."
      );
    }
    return new StripeClient(pk, options);
  };
  window.Stripe.version = "sandbox";
})();
