// Sends one trace with each of OpenTelemetry's exporters, and prints their ids, by exporter, as JSON.
// usage: node send.cjs <URL of OTLP/HTTP> <URL of OTLP/gRPC>
const { join } = require("node:path");
// The packages are in a cache folder, not beside this file.
const installed = (name) => require(join(process.env.OTLP_SENDERS, "node_modules", "@opentelemetry", name));

const { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } = installed("api");
const { resourceFromAttributes } = installed("resources");
const { BatchSpanProcessor, TracerProvider } = installed("sdk-trace");

const LINKED = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: TraceFlags.SAMPLED };

async function send(name, url) {
  const { OTLPTraceExporter } = installed(`exporter-trace-otlp-${name}`);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": `node-${name}` }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const tracer = provider.getTracer("sender", "1.2.3");
  const root = tracer.startSpan("root", {
    kind: SpanKind.SERVER,
    startTime: [1790510400, 0],
    links: [{ context: LINKED, attributes: { why: "retry" } }],
    attributes: {
      text: "grüße",
      yes: true,
      whole: 42,
      beyond32: 9007199254740991,
      half: 0.5,
      texts: ["a", "b"],
      wholes: [1, 2],
      flags: [true, false],
    },
  }, ROOT_CONTEXT);
  const child = tracer.startSpan(
    "child", { kind: SpanKind.CLIENT, startTime: [1790510401, 0] }, trace.setSpan(ROOT_CONTEXT, root));
  child.addEvent("half way", { done: 0.5 }, [1790510401, 500000000]);
  child.recordException(new TypeError("no such thing"));
  child.setStatus({ code: SpanStatusCode.ERROR, message: "gave up" });
  child.end([1790510402, 0]);
  root.end([1790510403, 0]);
  await provider.shutdown();
  return root.spanContext().traceId;
}

async function main([http, grpc]) {
  const sent = {
    http: await send("http", `${http}/v1/traces`),
    proto: await send("proto", `${http}/v1/traces`),
    grpc: await send("grpc", grpc),
  };
  console.log(JSON.stringify(sent));
}

main(process.argv.slice(2));
