// After a refused form, the error summary is what the reader meets first.
document.getElementById("error-summary")?.focus();
