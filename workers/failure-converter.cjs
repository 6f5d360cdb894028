/** Failure messages and traces go through the codec too. CommonJS, because the SDK loads it with `require`. */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
