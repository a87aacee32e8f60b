/** The rules of saved views: personal ones are seen by their owner alone, shared ones are everybody's and managed with a permission. */
import { type Actor, can } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Page, PageRequest } from "../../core/page";
import type { ConversationView } from "../../events/view";
import { type ConversationListService, checkFilter } from "../conversations/conversation-list.service";
import type { SavedView, SavedViewModel } from "./view.model";
import type { NewView, ViewPatch, ViewView } from "./view.schema";

export interface ViewService {
  /** The actor's own and the shared ones, by name. */
  listViews(actor: Actor): Promise<ViewView[]>;
  createView(view: NewView, actor: Actor): Promise<ViewView>;
  /** Throws `request.stale` when it is no longer at the expected version. */
  patchView(id: string, patch: ViewPatch, actor: Actor): Promise<ViewView>;
  removeView(id: string, actor: Actor): Promise<void>;
  /** What is in it for this actor: `me` is whoever looks, and nothing is out of their reach. */
  listConversations(id: string, request: PageRequest, actor: Actor): Promise<Page<ConversationView>>;
  count(id: string, actor: Actor): Promise<number>;
}

export interface ViewDeps {
  views: SavedViewModel;
  lists: Pick<ConversationListService, "list" | "count">;
  clock: Clock;
}

const MOST_VIEWS = 200;

export function createViewService({ views, lists, clock }: ViewDeps): ViewService {
  async function getVisible(id: string, actor: Actor): Promise<SavedView> {
    const view = (await views.findById(id).lean()) as SavedView | null;
    if (!view || (view.scope === "personal" && view.owner !== actor.id)) throw fail("view.not-found");
    return view;
  }

  const assertMayManage = (scope: SavedView["scope"], actor: Actor) => {
    if (scope === "shared" && !can(actor, "views.manage")) throw fail("auth.forbidden");
  };

  return {
    async listViews(actor) {
      const found = (await views
        .find({ $or: [{ scope: "shared" }, { scope: "personal", owner: actor.id }] })
        .limit(MOST_VIEWS)
        .lean()) as SavedView[];
      return found.sort((a, b) => a.name.localeCompare(b.name)).map(toViewView);
    },

    async createView({ name, scope = "personal", filter, sort = "newest" }, actor) {
      assertMayManage(scope, actor);
      checkFilter(filter, "body.filter");
      const now = new Date(clock.now());
      const view: SavedView = {
        _id: newId(clock.now()),
        name: name.trim(),
        scope,
        owner: actor.id,
        filter,
        sort,
        version: 0,
        createdAt: now,
        updatedAt: now,
      };
      await views.create(view);
      return toViewView(view);
    },

    async patchView(id, { version, ...fields }, actor) {
      const before = await getVisible(id, actor);
      assertMayManage(before.scope, actor);
      if (fields.scope) assertMayManage(fields.scope, actor);
      if (fields.filter) checkFilter(fields.filter, "body.filter");
      const after = await views
        .findOneAndUpdate(
          { _id: id, version: version ?? before.version },
          { $set: { ...fields, updatedAt: new Date(clock.now()) }, $inc: { version: 1 } },
          { returnDocument: "after" },
        )
        .lean();
      if (after) return toViewView(after as SavedView);
      const now = await getVisible(id, actor);
      throw fail("request.stale", {
        details: [{ path: "version", message: `It is version ${now.version} now.` }],
        current: toViewView(now),
      });
    },

    async removeView(id, actor) {
      assertMayManage((await getVisible(id, actor)).scope, actor);
      await views.deleteOne({ _id: id });
    },

    async listConversations(id, request, actor) {
      const { filter, sort } = await getVisible(id, actor);
      return lists.list(filter, { ...request, sort }, actor);
    },

    async count(id, actor) {
      return lists.count((await getVisible(id, actor)).filter, actor);
    },
  };
}

const toViewView = ({ _id, createdAt, updatedAt, ...view }: SavedView): ViewView => ({
  id: _id,
  ...view,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
