import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { type Fact, Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { PageHeader } from "../../ui/page-header";
import { Panel } from "../../ui/panel";
import classes from "./approvals.module.css";
import { listed, stateLook } from "./looks";
import { Mark } from "./mark";
import { uploadQuery } from "./queries";
import { UploadFiles } from "./upload-files";

function factsOf(upload: UploadOut): Fact[] {
  return [
    {
      name: "Chain",
      value: upload.may_read_chain ? (
        <Link to="/chains/$chainId" params={{ chainId: upload.chain_id }}>
          {upload.chain_name}
        </Link>
      ) : (
        upload.chain_name
      ),
    },
    {
      name: "Run",
      value: upload.may_read_chain ? (
        <Link to="/runs/$runId" params={{ runId: upload.run_id }}>
          {upload.run_id}
        </Link>
      ) : (
        upload.run_id
      ),
    },
    { name: "Asked of", value: listed(upload.people), wide: true },
    { name: "Asked", value: <Moment at={upload.opened_at} exact />, wide: true },
    upload.settled_at === null
      ? { name: "Due", value: <Moment at={upload.due_at} exact />, wide: true }
      : { name: "Settled", value: <Moment at={upload.settled_at} exact />, wide: true },
  ];
}

/** The page of one request for files. */
export function UploadPage({ id }: { id: string }) {
  const { data: upload } = useSuspenseQuery(uploadQuery(id));
  return (
    <>
      <PageHeader
        title={upload.title}
        trail={[
          <Link key="approvals" to="/approvals">
            Approvals
          </Link>,
        ]}
        badge={<Mark look={stateLook(upload.state)} />}
      />
      <div className={classes.board}>
        <div className={classes.column}>
          <p className={classes.outcome} role="status" data-shown={upload.text !== "" || undefined}>
            {upload.text}
          </p>
          {upload.details ? (
            <Panel title="What is asked">
              <p className={classes.details}>{upload.details}</p>
            </Panel>
          ) : null}
          <UploadFiles upload={upload} />
        </div>
        <div className={classes.column}>
          <Panel title="About">
            <Facts items={factsOf(upload)} />
          </Panel>
        </div>
      </div>
    </>
  );
}
