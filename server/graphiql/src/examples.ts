// The tabs that a first visit opens with: one document each, in the order in which a newcomer needs them.
import combine from "./examples/combine.graphql";
import dataset from "./examples/dataset.graphql";
import importDataset from "./examples/import.graphql";
import start from "./examples/start.graphql";
import upload from "./examples/upload.graphql";
import watch from "./examples/watch.graphql";

const json = (value: unknown): string => JSON.stringify(value, null, 2);

export const examples = [
  { query: start },
  { query: upload, variables: json({ filename: "chest.zip", byteSize: 1048576 }) },
  { query: importDataset, variables: json({ upload: "", name: "Chest X-rays" }) },
  { query: watch, variables: json({ job: "" }) },
  { query: dataset, variables: json({ search: "" }) },
  {
    query: combine,
    variables: json({
      input: {
        name: "Both together",
        sources: [
          { dataset: "", annotationSet: "" },
          { dataset: "", annotationSet: "" },
        ],
        annotationType: "single-label-classification",
        annotationSetName: "Findings",
        duplicates: "KEEP",
      },
    }),
  },
];
