/** Who may see which page. */
import { inject } from "@angular/core";
import { type CanActivateFn, Router } from "@angular/router";
import { Session } from "./session";

/** Lets signed-in agents pass; everybody else signs in first and comes back to the page they wanted. */
export const signedInOnly: CanActivateFn = async (_route, state) => {
  const session = inject(Session);
  const router = inject(Router);
  // Awaited: no server answers. What was read last is shown; where there is none, the sign-in page says so when one tries.
  const isIn = await session.restore().catch(() => session.resumeOffline());
  return isIn || router.createUrlTree(["/sign-in"], { queryParams: state.url === "/" ? {} : { to: state.url } });
};

/** Keeps signed-in agents away from the sign-in page. */
export const signedOutOnly: CanActivateFn = async (route) => {
  const session = inject(Session);
  const router = inject(Router);
  // Awaited: no server answers; showing the sign-in page is right.
  const isIn = await session.restore().catch(() => false);
  return isIn ? router.parseUrl(returnAddress(route.queryParamMap.get("to"))) : true;
};

/** The page to return to: only addresses of this app, never another site. */
export function returnAddress(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) && !to.startsWith("/sign-in") ? to : "/";
}
