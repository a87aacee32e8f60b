/** The root: whatever the address asks for. */
import { ChangeDetectionStrategy, Component } from "@angular/core";
import { RouterOutlet } from "@angular/router";
import { installIcons } from "./ui/icon-sprite";

@Component({
  selector: "app-root",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterOutlet],
  template: "<router-outlet />",
})
export class App {
  constructor() {
    void installIcons();
  }
}
